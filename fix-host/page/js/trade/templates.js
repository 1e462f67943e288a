// The templates of the ticket: it is kept under a name in this browser, and filled by one.

import { act } from "../actions.js";
import { byId, button, el } from "../dom.js";
import { edit, keepTemplate, templates } from "./draft.js";

export function startTemplates() {
  const list = byId("templates");
  const name = el("input", { placeholder: "Name of a new template", "aria-label": "Name of a new template", maxlength: "40" });
  const keep = button("Keep this ticket", () => {
    const text = name.value.trim();
    if (!text) return name.focus();
    keepTemplate(text);
    name.value = "";
    fillList();
  });
  const fillList = () => {
    const rows = templates().map((one) => el("li", {},
      button(one.name, () => {
        edit({ ...one.draft, replaces: null, warning: null });
        act("symbol", one.draft.symbol);
        byId("templates-box").open = false;
      }, { class: "plain" }),
      button("\u00d7", () => { keepTemplate(one.name, false); fillList(); }, { "aria-label": `Forget the template ${one.name}` })));
    list.replaceChildren(...(rows.length ? rows : [el("li", { class: "note", text: "None yet: fill the ticket and keep it here. They stay in this browser." })]));
  };
  byId("templates-new").append(name, keep);
  fillList();
}
