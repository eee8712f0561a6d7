namespace Sparkish.Serialization.Types;

/// <summary>Types of F# and of programs in F#, found by their names: an application brings FSharp.Core itself, or has none.</summary>
internal static class FSharpTypes
{
    private const string Async = "Microsoft.FSharp.Control.FSharpAsync`1";
    private const string AssemblyMark = "Microsoft.FSharp.Core.FSharpInterfaceDataVersionAttribute";
    private const string MappingAttribute = "Microsoft.FSharp.Core.CompilationMappingAttribute";
    private const int Sum = 1, Record = 2, Kinds = 31;

    /// <summary>Whether a type is F#'s asynchronous computation, which has no value until it runs.</summary>
    public static bool IsAsync(Type type) => string.Equals(Definition(type).FullName, Async, StringComparison.Ordinal);

    /// <summary>Whether a type is declared in F#.</summary>
    public static bool IsDeclaredInFSharp(Type type) => type.Assembly.GetCustomAttributesData().Any(static mark => mark.AttributeType.FullName is AssemblyMark);

    /// <summary>Whether a type is a record or a union of F#, whose equality its compiler makes.</summary>
    public static bool IsRecordOrUnion(Type type) => type.GetCustomAttributesData().Any(static mark =>
        mark.AttributeType.FullName is MappingAttribute && mark.ConstructorArguments is [{ Value: int kind }, ..] && (kind & Kinds) is Sum or Record);

    private static Type Definition(Type type) => type.IsConstructedGenericType ? type.GetGenericTypeDefinition() : type;
}
