using System.Reflection;
using System.Runtime.CompilerServices;

namespace Sparkish.Serialization.Closures.Analysis;

/// <summary>Finds the method that a call on an object of a known class invokes.</summary>
internal static class Dispatch
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>Whether a member of this type may belong to an object of the class: the type is the class itself or a base, with any type arguments.</summary>
    public static bool IsPart(Type? type, Type self) => type is not null && PartOf(type, self) is not null;

    /// <summary>The method as declared by the class; null if it is unknown.</summary>
    public static MethodBase? Exact(MethodBase method, Type self) =>
        method.DeclaringType is { } declaring && PartOf(declaring, self) is { } part ? On(part, method) : null;

    /// <summary>The most derived override; null if it is unknown.</summary>
    public static MethodBase? Virtual(MethodBase method, Type self)
    {
        if (method.DeclaringType is { IsInterface: true } contract) return OfInterface(method, contract, self);
        if (Exact(method, self) is not MethodInfo { IsVirtual: true } known) return Exact(method, self);
        var slot = known.GetBaseDefinition();
        for (var part = self; part is not null && part != slot.DeclaringType; part = part.BaseType)
        {
            foreach (var candidate in part.GetMethods(Declared))
            {
                if (!candidate.IsVirtual || candidate.Name != slot.Name) continue;
                if (MemberKey.Of(candidate.GetBaseDefinition()) == MemberKey.Of(slot)) return candidate;

                // An override with a covariant return type has its own slot.
                if (candidate.IsDefined(typeof(PreserveBaseOverridesAttribute), inherit: false)) return null;
            }
        }

        return Exact(slot, self);
    }

    private static MethodInfo? OfInterface(MethodBase method, Type contract, Type self)
    {
        if (contract.ContainsGenericParameters || !Array.Exists(self.GetInterfaces(), implemented => implemented == contract)) return null;
        var map = self.GetInterfaceMap(contract);
        var index = Array.FindIndex(map.InterfaceMethods, candidate => candidate.MetadataToken == method.MetadataToken && candidate.Module == method.Module);
        return index >= 0 && map.TargetMethods[index] is { DeclaringType.IsInterface: false } target ? target : null;
    }

    private static Type? PartOf(Type type, Type self)
    {
        var definition = Definition(type);
        for (var part = self; part is not null; part = part.BaseType)
        {
            if (Definition(part) == definition) return part;
        }

        return null;
    }

    private static Type Definition(Type type) => type.IsGenericType ? type.GetGenericTypeDefinition() : type;

    private static MethodBase On(Type part, MethodBase method)
    {
        var definition = method.Module.ResolveMethod(method.MetadataToken)!;
        return part.IsConstructedGenericType ? MethodBase.GetMethodFromHandle(definition.MethodHandle, part.TypeHandle)! : definition;
    }
}
