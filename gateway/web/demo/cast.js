// Who the sample visitors are, what they write, and what they say to a human.

const page = (title) => ({ url: `${location.origin}/`, title, referrer: "" });

export const visitors = [
  {
    name: "Nora Lindqvist",
    email: "nora@mail.example",
    locale: "sv-SE",
    page: page("Loch blanket"),
    lines: ["Hello! What does shipping to Sweden cost?", "And how do I wash a wool blanket?"],
    leaves: true,
    replies: ["Oh, hello! The assistant has told me already, but thank you."],
    rating: { score: 5, comment: "Quick and clear." },
  },
  {
    name: "Tomás Vega",
    email: "tomas@mail.example",
    locale: "es-ES",
    page: page("Siena satchel"),
    lines: ["My parcel says delivered, but I do not have it.", "I have asked them all. Can I talk to a human, please?"],
    replies: [
      "Hello, thank you! The order number is F-20417.",
      "I was at home the whole day, nobody rang.",
      "A new one would be great. That was quick, thank you so much!",
    ],
    rating: { score: 5, comment: "A real person, in a minute." },
  },
  {
    name: "Mei Tanaka",
    email: "",
    locale: "en-GB",
    page: page("Camp skillet"),
    lines: ["Can I put the cast-iron skillet into the dishwasher?", "It has some rust now. Does the guarantee cover that?"],
    replies: ["Oh, a human! I put it into the dishwasher, I am afraid.", "I will try the steel wool and the oil then. Thank you!"],
    rating: { score: 4, comment: "" },
  },
];
