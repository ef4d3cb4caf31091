// A row of a report in the dashboard's words, and what several rows make together.

/** The figures of one agent or bot. Times are in milliseconds, shares from 0 to 1, what is not known is null. */
export function figuresOf(row) {
  return {
    id: row.agent ?? row.bot,
    name: row.name ?? row.agent ?? row.bot,
    day: row.day,
    conversations: row.conversations ?? 0,
    firstP50: row.first_response_p50_ms ?? null,
    firstP90: row.first_response_p90_ms ?? null,
    within: row.within_target ?? null,
    handleP50: row.handle_p50_ms ?? null,
    resolutions: row.resolutions ?? {},
    rating: row.rating?.average ?? null,
    ratings: row.rating?.count ?? 0,
    missed: row.missed_offers ?? 0,
    byStatus: row.time_by_status ?? {},
  };
}

const QUOTED = /[",\n]/;

/** Rows of cells as CSV; a cell that a spreadsheet would take for a formula is kept as text. */
export function csv(rows) {
  const cell = (value) => {
    const text =
      value === null || value === undefined ? "" : String(value).replace(/^([=+@\t\r-])/, typeof value === "number" ? "$1" : "'$1");
    return QUOTED.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return `${rows.map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}
