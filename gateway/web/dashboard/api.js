// HTTP to the server. A refusal is an ApiError with the protocol's code; `onexpired` hears that the token is no longer good.

import { local } from "../common/storage.js";

class ApiError extends Error {
  constructor(status, { code, message, detail } = {}) {
    super(message ?? `The server answered ${status}.`);
    Object.assign(this, { status, code, detail });
  }
}

export const session = {
  key: "livesupport:agent",
  onexpired: () => {},
  get held() {
    return JSON.parse(local[this.key] ?? "null");
  },
  keep(value) {
    local[this.key] = JSON.stringify(value);
  },
  drop() {
    delete local[this.key];
  },
};

/** Calls an endpoint with a JSON body or FormData; resolves with the JSON answer. */
export async function api(method, path, body) {
  const form = body instanceof FormData;
  const headers = {
    ...(session.held && { Authorization: `Bearer ${session.held.token}` }),
    ...(body && !form && { "Content-Type": "application/json" }),
  };
  const response = await fetch(path, { method, headers, body: form || !body ? body : JSON.stringify(body) }).catch(() => {
    throw new ApiError(0, { message: "The server cannot be reached." });
  });
  const answer = response.status === 204 ? null : await response.json().catch(() => ({}));
  if (response.ok) return answer;
  if (response.status === 401 && path !== "/api/login") session.onexpired();
  throw new ApiError(response.status, answer?.error);
}

/** A query string of what is not empty; arrays repeat. */
export function query(fields) {
  const pairs = Object.entries(fields).flatMap(([name, value]) => [value].flat().map((one) => [name, one]));
  return new URLSearchParams(pairs.filter(([, value]) => value !== null && value !== undefined && value !== "")).toString();
}

/** What a list endpoint answered, whether bare or wrapped. */
export function itemsOf(answer) {
  return Array.isArray(answer)
    ? answer
    : (answer.items ?? answer.agents ?? answer.quick_replies ?? Object.values(answer).find(Array.isArray) ?? []);
}
