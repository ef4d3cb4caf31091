// A visitor's files. Loaded when one is chosen.

import { newRef } from "../common/socket.js";

/** The attachment to send. Meanwhile it shows as a message that is being sent. Rejects with the server's error. */
export async function upload(chat, file) {
  const ref = newRef();
  chat.timeline.pending.push({ ref, attachments: [{ name: file.name, url: "#" }], from: "visitor" });
  chat.onchange();
  const body = new FormData();
  body.append("file", file);
  try {
    return (await chat.fetch("POST", `conversations/${chat.conversation.id}/attachments`, body)).attachment;
  } finally {
    chat.timeline.drop(ref);
    chat.onchange();
  }
}
