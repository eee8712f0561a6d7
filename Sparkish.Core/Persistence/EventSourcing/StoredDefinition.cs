using Sparkish.Serialization;
using Sparkish.Serialization.Rows;

namespace Sparkish.Persistence.EventSourcing;

/// <summary>The description of stored values in a journal: the type's number and simple name, for people, and the schema of the values.</summary>
internal sealed record StoredDefinition(int Number, string Name, string Schema)
{
    // The longest texts that are believed.
    private const int MaxNameLength = 1_000;

    public ulong Fingerprint { get; } = SchemaText.Fingerprint(Schema);

    public static StoredDefinition Read(ref ByteReader reader, int number)
    {
        var (name, schema) = (reader.ReadString(), reader.ReadString());
        if (name is null || schema is null || name.Length > MaxNameLength || schema.Length > RowFormat.MaxSchemaBytes)
            throw new SerializationException($"The definition of stored type {number} has no name and schema, or too long ones.");
        return new StoredDefinition(number, name, schema);
    }

    public void Write(ByteWriter writer)
    {
        writer.WriteString(Name);
        writer.WriteString(Schema);
    }
}
