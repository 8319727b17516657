const b = items?.map((item, index) => (
  <li key={`row-${index}`}>{item.name}</li>
));
