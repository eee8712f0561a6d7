using System.Reflection;

namespace Sparkish.Serialization.Types;

/// <summary>Finds attributes of a type, its bases and its interfaces, in this order.</summary>
internal static class InheritedAttributes
{
    public static T? Find<T>(Type type) where T : Attribute
    {
        if (type.GetCustomAttribute<T>(inherit: true) is { } own) return own;
        foreach (var contract in type.GetInterfaces())
        {
            if (contract.GetCustomAttribute<T>(inherit: false) is { } inherited) return inherited;
        }

        return null;
    }
}
