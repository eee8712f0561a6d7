namespace Sparkish.Serialization.Types;

/// <summary>F#'s functions: objects of classes that derive from its own class of functions.</summary>
internal static class FSharpFunctions
{
    public static bool Contains(Type type)
    {
        for (var part = type; part is not null; part = part.BaseType)
        {
            if (part.Namespace is "Microsoft.FSharp.Core" && part.Name.StartsWith("FSharpFunc`", StringComparison.Ordinal)) return true;
        }

        return false;
    }
}
