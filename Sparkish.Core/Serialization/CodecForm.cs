#pragma warning disable MA0048 // the forms belong together
using System.Reflection;

namespace Sparkish.Serialization;

/// <summary>The properties of a codec that do not depend on its type.</summary>
internal interface IDescribedCodec
{
    CodecForm? Form { get; }

    int MinBytes { get; }

    /// <summary>Whether values are written as graphs of objects, since their type has no fixed schema.</summary>
    bool IsGraph { get; }

    void Describe(SchemaText text);
}

/// <summary>The encoding of a value, for code that is emitted for it in place.</summary>
internal abstract record CodecForm;

/// <summary>A fixed size, as in memory; validated on reading if not every pattern is valid.</summary>
internal sealed record FixedForm(int Size, MethodInfo? Check) : CodecForm;

/// <summary>A text.</summary>
internal sealed record TextForm : CodecForm;

/// <summary>A byte that says whether a value follows.</summary>
internal sealed record NullableForm(Type Underlying) : CodecForm;
