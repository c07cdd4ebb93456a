import { defineConfig } from "vitest/config";

// The templates find the built files through the manifest; their names carry a hash, so browsers may keep them.
export default defineConfig({
  base: "/static/dist/",
  build: {
    outDir: "../static/dist",
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "es2022",
    modulePreload: false,
    // A strict content security policy allows no data: addresses.
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: {
        badge: "src/badge.ts",
        counter: "src/counter.ts",
        download: "src/download.ts",
        follow: "src/follow.ts",
        pick: "src/pick.ts",
        saved: "src/saved.ts",
        sheet: "src/sheet.ts",
        style: "src/style.css",
        workshop: "src/workshop/main.ts",
        workshopSentences: "src/workshop/sentences.css",
        workshopStyle: "src/workshop/main.css",
      },
    },
  },
  test: { include: ["src/**/*.test.ts", "test/**/*.test.ts"] },
});
