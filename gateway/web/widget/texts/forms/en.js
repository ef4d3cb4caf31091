// English.

export default {
  rate: "Rate this conversation",
  star: (n) => (n < 2 ? "1 star" : `${n} stars`),
  thanks: "Thank you!",
  comment: "Anything to add?",
  add: "Add comment",
  offline: "Leave your e-mail and we will write to you.",
  email: "E-mail",
  leave: "Leave e-mail",
};
