// Which language the widget speaks. Each has a file with every word it says, and only one of them is loaded.

const LANGUAGES = ["en", "de"];

/** [language, texts]: what was asked for, else the page's, else the browser's, else English. */
export async function speak(asked) {
  const wishes = [asked, document.documentElement.lang, ...navigator.languages].map((one) => one?.slice(0, 2));
  const language = wishes.find((one) => LANGUAGES.includes(one)) ?? "en";
  return [language, (await import(`./texts/${language}.js`)).default];
}
