package doorstep.phone

import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.nio.file.Path
import java.util.UUID

/** `doorstep serve` as a process, and an office that speaks to it. */
class Server(directory: Path, vararg options: String) : AutoCloseable {
    private val process: Process = ProcessBuilder(
        System.getProperty("doorstep.binary"), "serve", "--init",
        "--db", directory.resolve("server.db").toString(), "--listen", "127.0.0.1:0",
        "--company", "Harbour Gas", "--licence", "L-77", *options,
    ).redirectError(ProcessBuilder.Redirect.INHERIT).start()
    private val http = HttpClient.newHttpClient()
    private var token = ""
    val url: String
    val companyKey: String

    init {
        val lines = process.inputStream.bufferedReader()
        fun after(start: String): String {
            while (true) {
                val line = lines.readLine() ?: error("the server ended before it said: $start")
                if (line.startsWith(start)) return line.removePrefix(start).trim().substringBefore(' ')
            }
        }
        companyKey = after("company key")
        val bootstrap = after("bootstrap code")
        url = after("listening on")
        val he = """{"name":"He","role":"supervisor","bootstrap":"$bootstrap"}"""
        token = field(post("accounts", he), "token")
    }

    fun post(path: String, json: String): String =
        send(request(path).POST(HttpRequest.BodyPublishers.ofString(json)))

    fun get(path: String): String = send(request(path).GET())

    /** A photo of an order, as the office opens it. */
    fun photo(order: String, photo: String): ByteArray {
        val asked = request("orders/$order/photos/$photo").GET().build()
        val answer = http.send(asked, HttpResponse.BodyHandlers.ofByteArray())
        check(answer.statusCode() == 200) { answer.body().decodeToString() }
        return answer.body()
    }

    private fun request(path: String) =
        HttpRequest.newBuilder(URI("$url/v1/office/$path")).header("Authorization", "Bearer $token")

    private fun send(request: HttpRequest.Builder): String {
        val answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString())
        check(answer.statusCode() == 200) { "${answer.uri()}: ${answer.body()}" }
        return answer.body()
    }

    /** An order at Mrs Chan's for [name], by the shipped standard of its [kind]; and a code for a phone. */
    fun orderFor(name: String, number: String, kind: String = "repair"): Pair<String, String> {
        val person = field(post("people", """{"name":"$name","badge":"0417"}"""), "person")
        val place = """{"address":"Flat 1203, 8 Harbour Street","floor":12}"""
        val premises = field(post("premises", place), "premises")
        val id = UUID.randomUUID().toString().replace("-", "")
        post(
            "orders",
            """{"kind":"$kind","premises":"$premises","number":"$number","id":"$id",
               "standard":"gz-${kind.replace('_', '-')}","customer":{"name":"Mrs Chan","lang":"en",
               "special_need":"knock long, call first"}}""",
        )
        post("orders/$id/assign", """{"to":"$person"}""")
        return id to field(post("enrolment-codes", """{"person":"$person"}"""), "code")
    }

    override fun close() {
        process.destroyForcibly().waitFor()
    }

    companion object {
        /** A text field of flat JSON: enough for what the office answers here. */
        fun field(json: String, name: String): String =
            Regex("\"$name\"\\s*:\\s*\"([^\"]*)\"").find(json)?.groupValues?.get(1)
                ?: error("no $name in $json")
    }
}
