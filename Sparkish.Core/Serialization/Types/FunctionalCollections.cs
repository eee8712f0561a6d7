namespace Sparkish.Serialization.Types;

/// <summary>F#'s immutable collections. They are found by name: an application may supply FSharp.Core, or have none.</summary>
internal static class FunctionalCollections
{
    public static bool Is(Type type) => IsList(type) || IsSet(type) || IsMap(type);

    public static bool IsList(Type type) => Is(type, "FSharpList`1");

    public static bool IsSet(Type type) => Is(type, "FSharpSet`1");

    public static bool IsMap(Type type) => Is(type, "FSharpMap`2");

    private static bool Is(Type type, string name) =>
        type is { IsConstructedGenericType: true, Namespace: "Microsoft.FSharp.Collections" } && string.Equals(type.Name, name, StringComparison.Ordinal)
        && AssemblyNames.Of(type.Assembly) is "FSharp.Core";
}
