const b = <Animated.ScrollView style={s}>{data?.items.map(renderRow)}</Animated.ScrollView>;
