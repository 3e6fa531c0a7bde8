// Plays one scenario with the STOMP client that ActiveMQ ships, and prints what happened, a line for each step.

import java.util.HashMap;
import java.util.Map;
import org.apache.activemq.transport.stomp.StompConnection;
import org.apache.activemq.transport.stomp.StompFrame;

public class ActiveMqClient {
    private static int port;

    public static void main(String[] arguments) throws Exception {
        port = Integer.parseInt(arguments[0]);
        for (String version : new String[] {"1.0", "1.1", "1.2"}) sendsAndReceives(version);
        requestsAndReplies("queue");
        requestsAndReplies("topic");
        subscribesDurably();
        browses();
        composes();
        isRefused();
    }

    private static StompConnection connected(String version, String clientId) throws Exception {
        StompConnection connection = new StompConnection();
        connection.open("127.0.0.1", port);
        connection.setVersion(version);
        HashMap<String, String> headers = headers("login", "system", "passcode", "manager", "accept-version", version);
        if (clientId != null) headers.put("client-id", clientId);
        connection.connect(headers);
        return connection;
    }

    private static void sendsAndReceives(String version) throws Exception {
        StompConnection connection = connected(version, null);
        String queue = "/queue/amq-" + version;
        connection.begin("t1");
        connection.send(queue, "one", "t1", headers("persistent", "true", "colour", "red"));
        connection.send(queue, "two", "t1", null);
        connection.commit("t1");
        connection.begin("t2");
        connection.send(queue, "never", "t2", null);
        connection.abort("t2");
        connection.subscribe(queue, "client", headers("id", "s"));
        StompFrame one = connection.receive(10_000);
        StompFrame two = connection.receive(10_000);
        print(version, one, "destination", "colour", "persistent", "priority", "expires");
        print(version, two, "subscription");
        String by = version.equals("1.2") ? "id:" + two.getHeaders().get("ack")
            : "message-id:" + two.getHeaders().get("message-id") + "\nsubscription:s";
        connection.sendFrame("BEGIN\ntransaction:t3\n\n\0");
        connection.sendFrame("ACK\n" + by + "\ntransaction:t3\n\n\0");
        connection.sendFrame("COMMIT\ntransaction:t3\nreceipt:done\n\n\0");
        print(version, connection.receive(10_000), "receipt-id");
        connection.disconnect("bye");
    }

    private static void requestsAndReplies(String kind) throws Exception {
        StompConnection requester = connected("1.0", null);
        StompConnection responder = connected("1.0", null);
        String requests = "/" + kind + "/requests";
        responder.subscribe(requests, "auto", headers("receipt", "subscribed"));
        responder.receive(10_000);
        requester.subscribe("/temp-" + kind + "/answers");
        requester.send(requests, "?", null, headers("reply-to", "/temp-" + kind + "/answers"));
        StompFrame request = responder.receive(10_000);
        String replyTo = request.getHeaders().get("reply-to");
        System.out.println(kind + " " + replyTo.startsWith("/remote-temp-" + kind + "/ID:"));
        responder.send(replyTo, "!");
        print(kind, requester.receive(10_000), "destination");
        requester.disconnect();
        responder.disconnect();
    }

    private static void subscribesDurably() throws Exception {
        HashMap<String, String> durable = headers("id", "d", "activemq.subscriptionName", "name", "receipt", "made");
        StompConnection first = connected("1.1", "amq");
        first.subscribe("/topic/durable", "auto", durable);
        print("durable", first.receive(10_000), "receipt-id");
        first.disconnect("bye");
        StompConnection other = connected("1.1", null);
        other.send("/topic/durable", "meanwhile", null, headers("persistent", "true", "receipt", "sent"));
        other.receive(10_000);
        StompConnection second = connected("1.1", "amq");
        second.subscribe("/topic/durable", "auto", durable);
        second.receive(10_000);
        print("durable", second.receive(10_000), "destination", "subscription");
        second.unsubscribe("/topic/durable", headers("id", "d"));
        second.unsubscribe("/topic/durable", headers("id", "d", "activemq.subscriptionName", "name", "receipt", "gone"));
        print("durable", second.receive(10_000), "receipt-id");
        second.disconnect();
        other.disconnect();
    }

    private static void browses() throws Exception {
        StompConnection connection = connected("1.1", null);
        for (String text : new String[] {"a", "b"}) connection.send("/queue/browsed", text);
        connection.subscribe("/queue/browsed", "auto", headers("id", "b", "browser", "true"));
        print("browser", connection.receive(10_000), "subscription");
        print("browser", connection.receive(10_000), "subscription");
        print("browser", connection.receive(10_000), "browser", "destination");
        connection.disconnect();
    }

    private static void composes() throws Exception {
        StompConnection connection = connected("1.0", null);
        connection.subscribe("/queue/list.a,list.b");
        connection.send("/queue/list.b,/queue/list.a,/topic/list.c", "all");
        String one = connection.receive(10_000).getHeaders().get("destination");
        String two = connection.receive(10_000).getHeaders().get("destination");
        System.out.println("list " + (one.compareTo(two) < 0 ? one + " " + two : two + " " + one));
        connection.disconnect();
    }

    private static void isRefused() throws Exception {
        StompConnection connection = connected("1.0", "refused");
        connection.subscribe("/queue/refused", "auto", headers("activemq.subscriptionName", "s", "receipt", "r"));
        print("refused", connection.receive(10_000), "receipt-id");
    }

    private static void print(String step, StompFrame frame, String... names) {
        StringBuilder line = new StringBuilder(step + " " + frame.getAction() + " " + frame.getBody().split("\n")[0].trim());
        Map<String, String> headers = frame.getHeaders();
        for (String name : names) line.append(" ").append(name).append(":").append(headers.get(name));
        System.out.println(line);
    }

    private static HashMap<String, String> headers(String... pairs) {
        HashMap<String, String> headers = new HashMap<>();
        for (int i = 0; i < pairs.length; i += 2) headers.put(pairs[i], pairs[i + 1]);
        return headers;
    }
}
