// Handing a conversation on: to an agent, to a skill, to the queue, to the assistant with a summary.

import { h } from "../../common/dom.js";
import { assign, attempt, returnToAssistant } from "../actions.js";
import { learnAgents } from "../live.js";
import { STATUSES, store } from "../store.js";
import { toast } from "../toast.js";
import { ask, field } from "./dialog.js";

const load = (agent) => (agent.capacity === undefined ? "" : `, ${agent.load ?? 0} of ${agent.capacity}`);
const order = ["online", "busy", "away", "offline"];

function agentOptions(prefix = "") {
  const others = [...store.agents.values()].filter(({ id }) => id !== store.me.id);
  others.sort((a, b) => order.indexOf(a.status) - order.indexOf(b.status) || a.name.localeCompare(b.name));
  return others.map((agent) =>
    h("option", { value: prefix + agent.id }, `${agent.name} (${STATUSES[agent.status] ?? agent.status}${load(agent)})`),
  );
}

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
    h("optgroup", { label: "An agent" }, agentOptions("agent:")),
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
      if (done) toast("Transferred.");
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
    fields: field("To", h("select", { name: "agent" }, agentOptions())),
    action: "Assign",
    act: ({ agent }) => assign(id, agent),
  });
}
