// To whom comes for the first time the guides are shown, and not their heading alone.
const guides = "tsd-accordion-Guides";
if (localStorage.getItem(guides) === null) localStorage.setItem(guides, "true");
