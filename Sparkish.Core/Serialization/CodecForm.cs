#pragma warning disable MA0048 // the forms belong together
using System.Reflection;

namespace Sparkish.Serialization;

/// <summary>What is known of a codec without its type.</summary>
internal interface IDescribedCodec
{
    CodecForm? Form { get; }

    int MinBytes { get; }

    /// <summary>Whether values go as graphs of objects, since their type has no fixed schema.</summary>
    bool IsGraph { get; }

    void Describe(SchemaText text);
}

/// <summary>How a value lies on the wire, for code that is emitted for it in place.</summary>
internal abstract record CodecForm;

/// <summary>Always as many bytes, as they lie in memory; read through a check where not every pattern is valid.</summary>
internal sealed record FixedForm(int Size, MethodInfo? Check) : CodecForm;

/// <summary>A text.</summary>
internal sealed record TextForm : CodecForm;

/// <summary>A byte that says whether a value follows.</summary>
internal sealed record NullableForm(Type Underlying) : CodecForm;
