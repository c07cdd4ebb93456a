// Why reads stay here, and what an HTTP status says of it: one place for every page and every question it asks.

/** No connection, an error of the service, or something a person has to do first. */
export type Trouble = "" | "away" | "error" | "signed-out" | "old-page";

/** What passes by itself: it is tried again, and whoever reads goes on. */
export type Passing = "" | "away" | "error";

/** Of an HTTP status; 0 where no answer came. */
export function troubleOf(status: number): Trouble {
  if (status === 0) return "away";
  if (status === 401) return "signed-out";
  if (status === 403) return "old-page";
  return status < 400 ? "" : "error";
}

/** The part of it that passes by itself. */
export function passing(trouble: Trouble): Passing {
  return trouble === "away" || trouble === "error" ? trouble : "";
}
