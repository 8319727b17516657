const a = <FlatList data={d} renderItem={({ item }) => <Text style={styles.row}>{item.name}</Text>} />;
