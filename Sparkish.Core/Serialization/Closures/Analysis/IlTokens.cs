using System.Reflection;

namespace Sparkish.Serialization.Closures.Analysis;

/// <summary>Resolves the tokens in the code of one method to members.</summary>
internal sealed class IlTokens(MethodBase method)
{
    private readonly Type[]? _typeArguments = method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null;
    private readonly Type[]? _methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : null;

    /// <summary>Returns the field or method that an instruction names; null if it names none, or one of a missing assembly.</summary>
    public MemberInfo? Member(IlInstruction instruction)
    {
        const int TypeTables = 0x1B, TypeRef = 0x01, TypeDef = 0x02, Strings = 0x70, Signatures = 0x11;
        if (!instruction.HasToken || (instruction.Operand >> 24) is TypeTables or TypeRef or TypeDef or Strings or Signatures) return null;
        try
        {
            return method.Module.ResolveMember(instruction.Operand, _typeArguments, _methodArguments);
        }
        catch (Exception e) when (e is IOException or TypeLoadException or BadImageFormatException or MissingMemberException)
        {
            return null;
        }
    }

    /// <summary>Number of operands of an indirect call, including the pointer, and whether it returns a value; null if that is unclear.</summary>
    public (int Taken, bool Leaves)? Signature(IlInstruction instruction)
    {
        const byte HasThis = 0x20, Generic = 0x10, Void = 0x01, RequiredModifier = 0x1F, OptionalModifier = 0x20, LargestShort = 0x7F;
        var signature = method.Module.ResolveSignature(instruction.Operand);
        if (signature is not [var convention, <= LargestShort and var count, var result, ..]) return null;
        if ((convention & Generic) != 0 || result is RequiredModifier or OptionalModifier) return null;
        return (count + 1 + ((convention & HasThis) != 0 ? 1 : 0), result != Void);
    }
}
