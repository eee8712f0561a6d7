namespace Sparkish.Serialization.Rows.Records;

/// <summary>The byte before a value of a class.</summary>
internal static class RecordTag
{
    public const int Null = 0;

    /// <summary>The members of the declared type follow.</summary>
    public const int Exact = 1;

    /// <summary>A value of a derived type follows, as a graph.</summary>
    public const int Derived = 2;

    public static SerializationException Invalid(byte tag, Type type) => new(
        $"{tag} was found where 0 (null) or 1 (a value) of {type} is expected.");
}
