// The token goes to the server once; what stays in the browser is a cookie that no script can read.
const said = document.getElementById("said");
const token = document.getElementById("token");

document.getElementById("login").addEventListener("submit", async (event) => {
  event.preventDefault();
  said.textContent = "";
  try {
    const answer = await fetch("/api/login", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token: token.value }),
    });
    if (answer.ok) {
      location.replace("/");
      return;
    }
    said.textContent = `! ${(await answer.json()).error}`;
  } catch {
    said.textContent = "! The engine does not answer.";
  }
  token.select();
});
