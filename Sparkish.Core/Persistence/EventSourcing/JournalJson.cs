using System.Text.Json;
using Sparkish.Serialization;
using Sparkish.Serialization.Schemas;

namespace Sparkish.Persistence.EventSourcing;

/// <summary>
/// Prints the journals of event-sourced endpoints as JSON, one line for the snapshot and one per event. It uses the schemas in the journal itself; no type of
/// the application is needed. Entries of other origin are printed as bytes, with the reason.
/// </summary>
internal sealed class JournalJson
{
    private readonly Dictionary<ulong, SchemaNode> _schemas = [];
    private StoredDefinitions _definitions = StoredDefinitions.Empty;

    /// <summary>Prints a journal; each line ends with a line feed.</summary>
    /// <exception cref="JournalException">The store failed, or its content is corrupt; earlier lines are printed.</exception>
    public static async Task WriteAsync(IJournalReader journal, Stream output, CancellationToken cancellationToken = default)
    {
        var lines = new JournalJson();
        var after = 0L;
        if (await journal.ReadSnapshotAsync(cancellationToken).ConfigureAwait(false) is { } snapshot)
        {
            await output.WriteAsync(lines.Line(snapshot), cancellationToken).ConfigureAwait(false);
            after = snapshot.Sequence;
        }

        await foreach (var entry in journal.ReadAsync(after, cancellationToken).ConfigureAwait(false))
            await output.WriteAsync(lines.Line(entry), cancellationToken).ConfigureAwait(false);
        await output.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private byte[] Line(JournalSnapshot snapshot) => Line(snapshot.Payload, "snapshot", json => json.WriteNumber("sequence", snapshot.Sequence), payload =>
    {
        var reader = new ByteReader(payload.Span);
        var head = SnapshotHead.Read(ref reader);
        _definitions = head.Definitions;
        return (head.State, reader.Position);
    });

    private byte[] Line(JournalEntry entry) => Line(entry.Payload, "event", json =>
    {
        json.WriteNumber("sequence", entry.Sequence);
        json.WriteNumber("epoch", entry.Epoch);
    }, payload =>
    {
        var reader = new ByteReader(payload.Span);
        var head = EventHead.Read(ref reader);
        if (head.Definition is not null) _definitions = _definitions.With(head.Definition);
        return (_definitions.Get(head.Number, head.Fingerprint), reader.Position);
    });

    private byte[] Line(ReadOnlyMemory<byte> payload, string kind, Action<Utf8JsonWriter> describe,
        Func<ReadOnlyMemory<byte>, (StoredDefinition Definition, int Body)> readHead)
    {
        using var line = new MemoryStream();
        try
        {
            var (definition, body) = readHead(payload);
            Write(line, describe, json =>
            {
                json.WriteString("type", definition.Name);
                json.WritePropertyName(kind);
                SchemaJsonWriter.Write(SchemaOf(definition), payload.Span[body..], json);
            });
        }
        catch (SerializationException error)
        {
            line.SetLength(0);
            Write(line, describe, json =>
            {
                json.WriteString("error", error.Message);
                json.WriteBase64String("bytes", payload.Span);
            });
        }

        line.WriteByte((byte)'\n');
        return line.ToArray();
    }

    private static void Write(MemoryStream line, Action<Utf8JsonWriter> describe, Action<Utf8JsonWriter> body)
    {
        // Values may nest as deep as the limits of serialization allow, which is more than the default of a JSON writer.
        using var json = new Utf8JsonWriter(
            line, new JsonWriterOptions { MaxDepth = int.MaxValue, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        describe(json);
        body(json);
        json.WriteEndObject();
        json.Flush();
    }

    private SchemaNode SchemaOf(StoredDefinition definition)
    {
        if (!_schemas.TryGetValue(definition.Fingerprint, out var schema)) _schemas.Add(definition.Fingerprint, schema = SchemaParser.Parse(definition.Schema));
        return schema;
    }
}
