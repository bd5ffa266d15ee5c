// Columns sort by a click or by Enter; without scripts the tables are as they are.
for (const head of document.querySelectorAll("thead th")) {
  const button = document.createElement("button");
  button.append(...head.childNodes);
  head.append(button);
  button.addEventListener("click", () => {
    const body = head.closest("table").tBodies[0];
    const column = head.cellIndex;
    const up = head.getAttribute("aria-sort") !== "ascending";
    const value = (row) => row.cells[column].textContent.trim();
    const order = [...body.rows].sort((a, b) => {
      const [x, y] = [value(a), value(b)], [p, q] = [parseFloat(x), parseFloat(y)];
      if (!x || !y) return !x - !y; // what was not measured stays last
      const found = isNaN(p) || isNaN(q) ? x.localeCompare(y) : p - q;
      return up ? found : -found;
    });
    for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    body.append(...order);
  });
}
