using Sparkish.Serialization.Closures.Analysis;
using Sparkish.Serialization.Schemas;

namespace Sparkish.Persistence.EventSourcing;

/// <summary>Which types may be stored: what lies in a journal is read by later versions, and never says itself which types to make of it.</summary>
internal static class StoredSchemas
{
    /// <exception cref="SerializationException">The type has a part that has no fixed schema.</exception>
    public static void Check(Type type, string schema)
    {
        if (SchemaParser.Parse(schema).FindGraph() is not { } path) return;
        throw new SerializationException(
            $"{TypeNames.Of(type)}{path} has no fixed schema and cannot be stored in a journal: give it a type whose members are known, such as a sealed record.");
    }
}
