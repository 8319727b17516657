console.error("no such order here");
console.log("----------");
