@Serializable
data class Order(
    @SerialName("id") var id: String = "",
)
