const b = <FlatList data={d} style={{ flex: 1 }} renderItem={renderRow} />;
const c = <View style={{ padding: 8 }} />;
