import { defineConfig } from "vitest/config";

// Fixed names: the templates name the files, and Flask serves them with a version in the query.
export default defineConfig({
  build: {
    outDir: "../static/dist",
    emptyOutDir: true,
    target: "es2022",
    rolldownOptions: {
      input: { counter: "src/counter.ts" },
      output: {
        entryFileNames: "[name].js",
        chunkFileNames: "[name].js",
        assetFileNames: "[name][extname]",
      },
    },
  },
  test: { include: ["src/**/*.test.ts", "test/**/*.test.ts"] },
});
