chart.fit("width");
fit(model, data);
const x = query.only("name");
read.only();
