using System.Reflection;
using System.Reflection.Emit;

namespace Sparkish.Serialization.Rows.Records;

/// <summary>Detects whether a constructor only stores its parameters, as those of positional records do: then they need not be set again.</summary>
internal static class ConstructorScan
{
    public static bool IsPlain(ConstructorInfo constructor, IReadOnlyList<RecordMember> given)
    {
        if (constructor.GetMethodBody()?.GetILAsByteArray() is not { } il) return false;
        var position = 0;
        var stored = 0;
        while (position < il.Length)
        {
            if (il[position] == OpCodes.Nop.Value)
            {
                position++;
            }
            else if (il[position] == OpCodes.Ret.Value)
            {
                return position == il.Length - 1 && stored == given.Count;
            }
            else if (TryStore(constructor.Module, constructor.DeclaringType!, il, ref position, given))
            {
                stored++;
            }
            else if (!TryCallBase(constructor.Module, il, ref position))
            {
                return false;
            }
        }

        return false;
    }

    // ldarg.0, ldarg n, stfld: the field that parameter n is stored in.
    private static bool TryStore(Module module, Type type, byte[] il, ref int position, IReadOnlyList<RecordMember> given)
    {
        var at = position;
        if (il[at++] != OpCodes.Ldarg_0.Value || at + 6 > il.Length) return false;
        int argument;
        if (il[at] >= OpCodes.Ldarg_1.Value && il[at] <= OpCodes.Ldarg_3.Value) argument = il[at++] - OpCodes.Ldarg_0.Value;
        else if (il[at] == OpCodes.Ldarg_S.Value) (argument, at) = (il[at + 1], at + 2);
        else return false;
        if (at + 5 > il.Length || il[at] != OpCodes.Stfld.Value || argument > given.Count) return false;
        var field = module.ResolveField(BitConverter.ToInt32(il, at + 1), type.IsGenericType ? type.GetGenericArguments() : null, null);
        position = at + 5;
        return given[argument - 1].Field.Equals(field);
    }

    private static bool TryCallBase(Module module, byte[] il, ref int position)
    {
        if (position + 6 > il.Length || il[position] != OpCodes.Ldarg_0.Value || il[position + 1] != OpCodes.Call.Value) return false;
        var token = BitConverter.ToInt32(il, position + 2);
        position += 6;

        // The constructor of object is a reference to another module and needs no generic arguments.
        return (token >> 24) == 0x0A && module.ResolveMethod(token) is ConstructorInfo { DeclaringType: var declaring } && declaring == typeof(object);
    }
}
