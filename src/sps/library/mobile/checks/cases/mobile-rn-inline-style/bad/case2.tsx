const b = (
  <SectionList
    sections={s}
    renderItem={({ item }) => (
      <View style={{ flex: 1 }}><Name item={item} /></View>
    )}
  />
);
