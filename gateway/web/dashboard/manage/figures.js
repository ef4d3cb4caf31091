// A row of a report in the dashboard's words, and what several rows make together.

/** The figures of one agent or bot. Times are in milliseconds, shares from 0 to 1, what is not known is null. */
export function figuresOf(row) {
  const rating = row.rating?.average ?? row.rating?.mean ?? (typeof row.rating === "number" ? row.rating : null);
  return {
    id: row.agent?.id ?? row.agent ?? row.bot?.id ?? row.bot ?? row.id,
    name: row.name ?? row.agent?.name ?? row.agent ?? row.bot,
    conversations: row.conversations ?? 0,
    firstP50: time(row, "first_response_p50"),
    firstP90: time(row, "first_response_p90"),
    within: row.within_target ?? row.share_within_target ?? null,
    handleP50: time(row, "handle_p50") ?? time(row, "handle_time_p50"),
    resolutions: row.resolutions ?? {},
    rating,
    ratings: row.rating?.count ?? row.ratings ?? null,
    missed: row.missed_offers ?? 0,
    byStatus: row.time_by_status ?? row.status_ms ?? {},
  };
}

function time(row, name) {
  if (row[`${name}_ms`] !== undefined) return row[`${name}_ms`];
  return row[`${name}_seconds`] === undefined || row[`${name}_seconds`] === null ? null : row[`${name}_seconds`] * 1000;
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
