#pragma warning disable MA0048 // the key is the scan's vocabulary
using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Sparkish.Serialization;

/// <summary>A field or method of a module, the same for all constructions of a generic type.</summary>
internal readonly record struct MemberKey(Module Module, int Token)
{
    public static MemberKey Of(MemberInfo member) => new(member.Module, member.MetadataToken);
}

/// <summary>What the body of one method names: fields, and methods that the compiler made from code inside it.</summary>
internal sealed record MethodScan(IReadOnlyList<MemberKey> Fields, IReadOnlyList<MethodBase> Generated)
{
    private static readonly ConditionalWeakTable<Module, ConcurrentDictionary<int, MethodScan>> Scans = [];

    public static MethodScan Of(MethodBase method) =>
        Scans.GetOrCreateValue(method.Module).GetOrAdd(method.MetadataToken, static (token, module) => Scan(module.ResolveMethod(token)!), method.Module);

    private static MethodScan Scan(MethodBase method)
    {
        var fields = new HashSet<MemberKey>();
        var generated = new Dictionary<MemberKey, MethodBase>();
        if (MoveNextOf(method) is { } moveNext) generated[MemberKey.Of(moveNext)] = moveNext;
        var typeArguments = method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null;
        var methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : null;
        foreach (var instruction in IlReader.Read(method))
        {
            switch (Resolve(method.Module, instruction, typeArguments, methodArguments))
            {
                case FieldInfo field: fields.Add(MemberKey.Of(field)); break;
                case MethodBase called when CompilerTypes.IsGenerated(called): generated[MemberKey.Of(called)] = called; break;
            }
        }

        return new MethodScan([.. fields], [.. generated.Values]);
    }

    private static MemberInfo? Resolve(Module module, IlInstruction instruction, Type[]? typeArguments, Type[]? methodArguments)
    {
        const int TypeTables = 0x1B, TypeRef = 0x01, TypeDef = 0x02, Strings = 0x70, Signatures = 0x11;
        if (instruction.Token == 0 || (instruction.Token >> 24) is TypeTables or TypeRef or TypeDef or Strings or Signatures) return null;
        try
        {
            return module.ResolveMember(instruction.Token, typeArguments, methodArguments);
        }
        catch (Exception e) when (e is IOException or TypeLoadException or BadImageFormatException or MissingMemberException)
        {
            // A member of an assembly that is missing here: not one that the compiler made in this one.
            return null;
        }
    }

    private static MethodInfo? MoveNextOf(MethodBase method) =>
        method.GetCustomAttribute<StateMachineAttribute>()?.StateMachineType
            .GetMethod("MoveNext", BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public);
}
