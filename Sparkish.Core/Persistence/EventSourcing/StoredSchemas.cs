using Sparkish.Serialization.Closures.Analysis;
using Sparkish.Serialization.Schemas;

namespace Sparkish.Persistence.EventSourcing;

/// <summary>Checks which types may be stored: later versions read a journal, which never chooses the types of the objects that are created from it.</summary>
internal static class StoredSchemas
{
    /// <exception cref="SerializationException">The type has a part without a fixed schema.</exception>
    public static void Check(Type type, string schema)
    {
        if (SchemaParser.Parse(schema).FindGraph() is not { } path) return;
        throw new SerializationException(
            $"{TypeNames.Of(type)}{path} has no fixed schema and cannot be stored in a journal: give it a type whose members are known, such as a sealed record.");
    }
}
