list.insertAdjacentHTML("beforeend", `<li>${name}</li>`);
