using Sparkish.Serialization.Types;

namespace Sparkish.Serialization.Closures.Analysis;

/// <summary>Types as C# writes them, without namespaces.</summary>
internal static class TypeNames
{
    private static readonly Dictionary<Type, string> Keywords = new (Type Type, string Keyword)[]
    {
        (typeof(bool), "bool"), (typeof(byte), "byte"), (typeof(sbyte), "sbyte"), (typeof(char), "char"), (typeof(short), "short"), (typeof(ushort), "ushort"),
        (typeof(int), "int"), (typeof(uint), "uint"), (typeof(long), "long"), (typeof(ulong), "ulong"), (typeof(nint), "nint"), (typeof(nuint), "nuint"),
        (typeof(float), "float"), (typeof(double), "double"), (typeof(decimal), "decimal"), (typeof(string), "string"), (typeof(object), "object"),
    }.ToDictionary(known => known.Type, known => known.Keyword);

    public static string Of(Type type)
    {
        if (Keywords.TryGetValue(type, out var keyword)) return keyword;
        if (type.IsArray) return $"{Of(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
        if (type.IsPointer) return $"{Of(type.GetElementType()!)}*";
        if (Nullable.GetUnderlyingType(type) is { } inner) return $"{Of(inner)}?";
        if (type.Name.Contains("AnonymousType", StringComparison.Ordinal) && CompilerTypes.IsGenerated(type)) return "anonymous type";
        if (!type.IsGenericType) return type.Name;
        var arguments = type.GetGenericArguments();
        if (type.Name.StartsWith("ValueTuple`", StringComparison.Ordinal)) return $"({string.Join(", ", arguments.Select(Of))})";

        // A class nested in a generic class has the arguments of both, and a name without an arity if it adds none.
        var tick = type.Name.IndexOf('`', StringComparison.Ordinal);
        if (FSharpTypes.IsAsync(type)) return $"Async<{Of(arguments[0])}>";
        return tick < 0 ? type.Name : $"{type.Name[..tick]}<{string.Join(", ", arguments.Select(Of))}>";
    }
}
