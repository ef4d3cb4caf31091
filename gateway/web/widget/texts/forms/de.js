// German.

export default {
  rate: "Bewerten Sie dieses Gespräch",
  star: (n) => (n < 2 ? "1 Stern" : `${n} Sterne`),
  thanks: "Vielen Dank!",
  comment: "Möchten Sie etwas ergänzen?",
  add: "Kommentar senden",
  offline: "Hinterlassen Sie Ihre E-Mail-Adresse, wir schreiben Ihnen.",
  email: "E-Mail",
  leave: "Hinterlassen",
};
