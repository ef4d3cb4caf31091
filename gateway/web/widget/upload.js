// A visitor's files. Loaded when one is chosen.

import { newRef } from "../common/socket.js";

/** Sends the file that was chosen, with the words that stand in the input; tells why not. */
export async function attach(view) {
  const [file] = view.file.files;
  view.file.value = "";
  if (!file) return;
  view.complain();
  try {
    const attachment = await upload(view.chat, file);
    view.say(view.input.value.trim(), [attachment]);
  } catch (error) {
    view.complain(error.code === "bad_request" ? { code: "file_type" } : error);
  }
}

/** The attachment to send. Meanwhile it shows as a message that is being sent. Rejects with the server's error. */
async function upload(chat, file) {
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
