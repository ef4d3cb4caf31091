// Handing a conversation on: to an agent, to a skill, to the queue, to the assistant with a summary.

import { h } from "../../common/dom.js";
import { assign, attempt, returnToAssistant } from "../actions.js";
import { learnAgents } from "../live.js";
import { STATUSES, store } from "../store.js";
import { toast } from "../toast.js";
import { ask, field } from "./dialog.js";

const loadOf = (agent) => (agent.capacity === undefined ? "" : `, ${agent.load ?? 0} of ${agent.capacity}`);
const order = ["online", "busy", "away", "offline"];

/** `able` says whom it can be given to; the others are shown, so that nobody is looked for in vain. */
function agentOptions(able, prefix = "") {
  const others = [...store.agents.values()].filter(({ id }) => id !== store.me.id);
  others.sort((a, b) => order.indexOf(a.status) - order.indexOf(b.status) || a.name.localeCompare(b.name));
  return others.map((agent) =>
    h("option", { value: prefix + agent.id, disabled: !able(agent) }, `${agent.name} (${STATUSES[agent.status] ?? agent.status}${loadOf(agent)})`),
  );
}

const free = ({ status, load = 0, capacity = Infinity }) => status === "online" && load < capacity;

export async function transferDialog(id) {
  await learnAgents().catch(() => {});
  const skills = [...new Set([...store.agents.values()].flatMap((agent) => agent.skills ?? []))].sort();
  const to = h(
    "select",
    { name: "to" },
    h("option", { value: "queue" }, "The queue: whoever is free next"),
    skills.length > 0 &&
      h(
        "optgroup",
        { label: "Somebody who knows about" },
        skills.map((skill) => h("option", { value: `skill:${skill}` }, skill)),
      ),
    h("optgroup", { label: "An agent" }, agentOptions(free, "agent:")),
  );
  ask({
    title: "Transfer",
    fields: [
      field("To", to),
      field("Note for the next agent", h("textarea", { name: "note", rows: "3", placeholder: "Optional. The visitor does not see it." })),
    ],
    action: "Transfer",
    async act({ to: target, note }) {
      const [kind, value] = target.split(/:(.*)/);
      const fields = {
        ...(kind === "agent" && { to_agent: value }),
        ...(kind === "skill" && { skill: value }),
        ...(note.trim() && { note: note.trim() }),
      };
      const done = await attempt("transfer", id, fields);
      if (done) toast(kind === "agent" ? "Asked. If it is not taken, it comes back to you." : "Transferred.");
      return done;
    },
  });
}

export function returnDialog(id) {
  ask({
    title: "Hand back to the assistant",
    fields: field(
      "Summary for the assistant",
      h("textarea", { name: "summary", rows: "4", placeholder: "What was settled, what it should know." }),
    ),
    action: "Hand back",
    act: ({ summary }) => returnToAssistant(id, summary.trim()),
  });
}

export async function assignDialog(id) {
  await learnAgents().catch(() => {});
  ask({
    title: "Assign",
    fields: field(
      "To",
      h(
        "select",
        { name: "agent" },
        agentOptions(({ status }) => status !== "offline"),
      ),
    ),
    action: "Assign",
    act: ({ agent }) => assign(id, agent),
  });
}
