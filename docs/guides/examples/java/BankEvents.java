import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Sends Mora an overdue account, a payment of it, and how far payments are sent. Java 17, org.apache.kafka:kafka-clients.
 *
 * <pre>java -cp 'libs/*' BankEvents.java localhost:9092</pre>
 */
public class BankEvents {
  private static final String SOURCE = "/bank/core";

  public static void main(String[] args) throws Exception {
    String brokers = args.length > 0 ? args[0] : "localhost:9092";
    Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    LocalDate today = LocalDate.ofInstant(now, ZoneId.of("Asia/Shanghai"));
    // acks and idempotence: an event that the broker took is there once, whatever is tried again.
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers", brokers,
            "acks", "all",
            "enable.idempotence", true,
            "compression.type", args.length > 1 ? args[1] : "lz4");
    try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
      String accountId = "java-account-" + today;
      send(
          producer,
          structured(
              "bank.overdue.v1",
              "A-JAVA-1",
              "bank.account.overdue.v1",
              accountId,
              """
              {"bank_event_id": "%s", "business_date": "%s", "customer_no": "C-JAVA-1",
               "name": "王小明", "surname": "王", "salutation": "先生", "phones": "+999100200301|registered|1",
               "account_id": "A-JAVA-1", "currency": "CNY", "minimum_due": "1000.00", "paid_since_statement": "0.00",
               "statement_balance": "5000.00", "due_date": "%s", "card_tail": "1234"}"""
                  .formatted(accountId, today, today.minusDays(1))));

      String paymentId = "java-payment-" + today;
      send(
          producer,
          binary(
              "bank.payments.v1",
              "A-JAVA-1",
              "bank.payment.posted.v1",
              paymentId,
              """
              {"bank_event_id": "%s", "business_date": "%s", "account_id": "A-JAVA-1", "payment_id": "P-JAVA-1",
               "amount": "400.00", "currency": "CNY", "value_date": "%s", "posted_at": "%s",
               "remaining_minimum_due": "600.00"}"""
                  .formatted(paymentId, today, today, now)));

      // Only after everything before it was acknowledged: each send above has waited for that.
      String throughId = "java-through-" + now;
      send(
          producer,
          binary(
              "bank.payments.v1",
              null,
              "bank.payments.posted-through.v1",
              throughId,
              """
              {"bank_event_id": "%s", "business_date": "%s", "as_of": "%s"}"""
                  .formatted(throughId, today, now)));
    }
  }

  /** The whole event is the value. */
  static ProducerRecord<String, String> structured(String topic, String key, String type, String id, String data) {
    String event =
        """
        {"specversion": "1.0", "id": "%s", "source": "%s", "type": "%s", "time": "%s",
         "datacontenttype": "application/json", "data": %s}"""
            .formatted(id, SOURCE, type, Instant.now(), data);
    List<Header> headers = List.of(header("content-type", "application/cloudevents+json"));
    return new ProducerRecord<>(topic, null, key, event, headers);
  }

  /** The value is the data; what describes it is in headers. */
  static ProducerRecord<String, String> binary(String topic, String key, String type, String id, String data) {
    List<Header> headers =
        List.of(
            header("content-type", "application/json"),
            header("ce_specversion", "1.0"),
            header("ce_id", id),
            header("ce_source", SOURCE),
            header("ce_type", type),
            header("ce_time", Instant.now().toString()));
    return new ProducerRecord<>(topic, null, key, data, headers);
  }

  static void send(KafkaProducer<String, String> producer, ProducerRecord<String, String> record) throws Exception {
    var sent = producer.send(record).get();
    System.out.printf("%s/%d @%d%n", sent.topic(), sent.partition(), sent.offset());
  }

  static Header header(String name, String value) {
    return new RecordHeader(name, value.getBytes(StandardCharsets.UTF_8));
  }
}
