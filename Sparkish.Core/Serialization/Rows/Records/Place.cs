using System.Reflection;
using System.Reflection.Emit;

namespace Sparkish.Serialization.Rows.Records;

/// <summary>The location of a value in emitted code, which can push the value or its address repeatedly.</summary>
internal sealed class Place(Type type, Action<ILGenerator> loadValue, Action<ILGenerator> loadAddress)
{
    public Type Type => type;

    public static Place Local(LocalBuilder local) =>
        new(local.LocalType, il => il.Emit(OpCodes.Ldloc, local), il => il.Emit(OpCodes.Ldloca, local));

    /// <summary>A value behind an address that is pushed.</summary>
    public static Place At(Type type, Action<ILGenerator> loadAddress) =>
        new(type, il =>
        {
            loadAddress(il);
            il.Emit(OpCodes.Ldobj, type);
        }, loadAddress);

    public Place Field(FieldInfo field) => new(field.FieldType, il => LoadMember(il, OpCodes.Ldfld, field), il => LoadMember(il, OpCodes.Ldflda, field));

    public void LoadValue(ILGenerator il) => loadValue(il);

    public void LoadAddress(ILGenerator il) => loadAddress(il);

    private void LoadMember(ILGenerator il, OpCode load, FieldInfo field)
    {
        if (type.IsValueType) loadAddress(il);
        else loadValue(il);
        il.Emit(load, field);
    }
}
