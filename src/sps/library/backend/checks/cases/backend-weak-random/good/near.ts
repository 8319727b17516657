const delay = Math.random() * 200;
const tokenColour = pick(Math.random());
