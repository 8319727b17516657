show("here");
console.log(here);
