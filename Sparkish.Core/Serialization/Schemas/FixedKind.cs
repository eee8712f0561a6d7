namespace Sparkish.Serialization.Schemas;

/// <summary>The values of a fixed size that schemas name.</summary>
internal enum FixedKind
{
    Bool,
    SByte,
    Byte,
    Short,
    UShort,
    Int,
    UInt,
    Long,
    ULong,
    Int128,
    UInt128,
    Half,
    Float,
    Double,
    Decimal,
    Char,
    Rune,
    Guid,
    DateTime,
    DateTimeOffset,
    DateOnly,
    TimeOnly,
    TimeSpan,

    /// <summary>An unknown type of a known size, whose bytes are shown.</summary>
    Bytes,
}
