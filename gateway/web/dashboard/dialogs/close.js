// Closing: what came of it, and what the next one should know.

import { h } from "../../common/dom.js";
import { attempt } from "../actions.js";
import { toast } from "../toast.js";
import { ask, field } from "./dialog.js";

const RESOLUTIONS = { resolved: "Resolved", unresolved: "Unresolved", spam: "Spam", other: "Other" };

export function closeDialog(id) {
  ask({
    title: "Close conversation",
    fields: [
      field(
        "Resolution",
        h(
          "select",
          { name: "resolution" },
          Object.entries(RESOLUTIONS).map(([value, label]) => h("option", { value }, label)),
        ),
      ),
      field("Notes", h("textarea", { name: "notes", rows: "4", placeholder: "Optional. Only your team sees them." })),
    ],
    action: "Close",
    async act({ resolution, notes }) {
      const done = await attempt("close_conversation", id, { resolution, ...(notes.trim() && { notes: notes.trim() }) });
      if (done) toast("Closed and archived.");
      return done;
    },
  });
}
